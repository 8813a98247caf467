import { NAMED, type Project } from "../project.ts";

const WSGI = 'def app(environ, start):\n    start("200 OK", [])\n    return [b"app"]\n';
const ASGI = `async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"app"})
`;
const FLASK = "from flask import Flask\napp = Flask(__name__)\n";
const MANAGE = `#!/usr/bin/python3
import sys
from django.conf import settings
from django.core.management import execute_from_command_line
settings.configure(DEBUG=True, ROOT_URLCONF="urls", SECRET_KEY="app", INSTALLED_APPS=[])
execute_from_command_line(sys.argv)
`;

export const python: Project[] = [
  {
    name: "http.server",
    program: "python3",
    version: ["python3", "--version"],
    commands: ["python3 -m http.server", "python3 -u -m http.server --bind 127.0.0.1"],
  },
  {
    name: "flask",
    program: "flask",
    version: ["python3", "-c", "import flask; print(flask.__version__)"],
    files: { "app.py": FLASK },
    commands: ["flask run", "flask --app app --debug run", "python3 -m flask run"],
    named: `flask run -p ${NAMED}`,
  },
  {
    name: "django",
    program: "django-admin",
    version: ["django-admin", "--version"],
    files: { "manage.py": MANAGE, "urls.py": "urlpatterns = []\n" },
    commands: ["python3 manage.py runserver", "./manage.py runserver --noreload"],
  },
  {
    name: "uvicorn",
    program: "uvicorn",
    version: ["uvicorn", "--version"],
    files: { "app.py": ASGI },
    commands: ["uvicorn app:app", "uvicorn --reload app:app", "python3 -m uvicorn app:app"],
    named: `uvicorn app:app --port ${NAMED}`,
  },
  {
    name: "gunicorn",
    program: "gunicorn",
    version: ["gunicorn", "--version"],
    files: { "app.py": WSGI },
    commands: ["gunicorn app:app", "python3 -m gunicorn -w 2 app:app"],
  },
  {
    name: "hypercorn",
    program: "hypercorn",
    files: { "app.py": ASGI },
    commands: ["hypercorn app:app", "python3 -m hypercorn app:app"],
  },
  {
    name: "mkdocs",
    program: "mkdocs",
    version: ["mkdocs", "--version"],
    files: { "mkdocs.yml": "site_name: app\n", "docs/index.md": "# app\n" },
    commands: ["mkdocs serve", "python3 -m mkdocs serve"],
    named: `mkdocs serve -a localhost:${NAMED}`,
  },
  {
    name: "jupyter-server",
    program: "jupyter-server",
    version: ["jupyter-server", "--version"],
    commands: ["jupyter-server --allow-root --no-browser"],
  },
];
