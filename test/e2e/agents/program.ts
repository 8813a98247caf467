/** An agent's real program: how it is installed, and how it is made to ask the fake model. */
export interface AgentProgram {
  title: string;
  /** Its package on npm. */
  npm: string;
  /** Its executable in the package's node_modules/.bin. */
  executable: string;
  /** Files below the home directory that configure the model at this URL. */
  files?(url: string): Record<string, string>;
  /** Variables that configure the model at this URL. */
  env?(url: string): Record<string, string>;
  /** Text to add to files below the home directory, so that it reads a project's own files. */
  trust?(project: string): Record<string, string>;
  /** It doesn't read the project's file that the agent's extension for editors reads. */
  ignoresProjectFile?: true;
  /** A command to run once before, to the end: its arguments. */
  login?(url: string): string[];
  /** Its arguments to work on a prompt by itself, without questions; none if it can't without its own service. */
  work?(prompt: string, home: string): string[];
  /** Its arguments to list its MCP servers, if it can. */
  mcpList?: string[];
}
