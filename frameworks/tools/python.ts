import { PORT, PORT_FLAG, PORT_OR_P, type Tool } from "./tool.ts";

const JUPYTER = {
  usual: 8888,
  variables: ["JUPYTER_PORT"],
  given: ["--port", "--ServerApp.port", "--NotebookApp.port"],
  add: "--ServerApp.port_retries=0",
};

export const python: readonly Tool[] = [
  {
    name: "http.server",
    usual: 8000,
    valued: ["-b", "--bind", "-d", "--directory", "-p", "--protocol"],
    given: [],
    position: true,
    add: "{port}",
  },
  {
    name: "django",
    programs: ["manage.py", "django-admin", "django"],
    serves: ["runserver", "runserver_plus"],
    usual: 8000,
    valued: ["--settings", "--pythonpath", "-v", "--verbosity"],
    given: [],
    position: true,
    add: "{port}",
  },
  {
    name: "flask",
    serves: ["run"],
    valued: ["-A", "--app", "-e", "--env-file"],
    usual: 5000,
    variables: ["FLASK_RUN_PORT"],
    given: PORT_OR_P,
    again: PORT_FLAG,
  },
  {
    name: "uvicorn",
    usual: 8000,
    variables: ["UVICORN_PORT"],
    given: ["--port", "--uds", "--fd"],
    again: PORT_FLAG,
  },
  {
    name: "fastapi",
    serves: ["dev", "run"],
    usual: 8000,
    readsPort: true, // since the fastapi-cli release of September 2025
    given: PORT,
    add: PORT_FLAG,
    again: PORT_FLAG,
  },
  {
    // Given only PORT, it would listen on every address.
    name: "gunicorn",
    usual: 8000,
    readsPort: true,
    given: ["--bind", "-b"],
    add: "-b 127.0.0.1:{port}",
  },
  { name: "hypercorn", usual: 8000, given: ["--bind", "-b"], add: "--bind 127.0.0.1:{port}" },
  {
    name: "streamlit",
    serves: ["run", "hello"],
    usual: 8501,
    variables: ["STREAMLIT_SERVER_PORT"],
    given: ["--server.port"],
    again: "--server.port {port}",
  },
  { name: "jupyter", serves: ["lab", "notebook", "server"], ...JUPYTER },
  { name: "jupyter", programs: ["jupyter-lab", "jupyter-notebook", "jupyter-server"], ...JUPYTER },
  {
    name: "mkdocs",
    serves: ["serve"],
    usual: 8000,
    given: ["--dev-addr", "-a"],
    add: "--dev-addr 127.0.0.1:{port}",
    again: "--dev-addr {host}:{port}",
  },
  {
    name: "gradio", // from its documentation
    programs: ["gradio", "*.py"],
    variables: ["GRADIO_SERVER_PORT"],
    given: [],
  },
];
