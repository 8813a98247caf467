import type { AgentProgram } from "./program.ts";

const json = (value: object) => JSON.stringify(value, null, 2);

/** By their names in `portclaim setup`. Each row was worked out with the program itself. */
export const programs = {
  "claude-code": {
    title: "Claude Code",
    npm: "@anthropic-ai/claude-code",
    executable: "claude",
    env: (url) => ({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: "none",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_AUTOUPDATER: "1",
      // It refuses to skip questions as root elsewhere.
      IS_SANDBOX: "1",
    }),
    work: (prompt) => ["-p", prompt, "--dangerously-skip-permissions"],
    mcpList: ["mcp", "list"],
  },
  codex: {
    title: "Codex",
    npm: "@openai/codex",
    executable: "codex",
    files: (url) => ({
      ".codex/config.toml": `model = "played"
model_provider = "played"

[model_providers.played]
name = "played"
base_url = "${url}/v1"
env_key = "PLAYED_KEY"
wire_api = "responses"
`,
    }),
    env: () => ({ PLAYED_KEY: "none" }),
    trust: (project) => ({
      ".codex/config.toml": `\n[projects."${project}"]\ntrust_level = "trusted"\n`,
    }),
    work: (prompt) => ["exec", "--dangerously-bypass-approvals-and-sandbox", prompt],
    mcpList: ["mcp", "list"],
  },
  gemini: {
    title: "Gemini CLI",
    npm: "@google/gemini-cli",
    executable: "gemini",
    files: () => ({
      ".gemini/settings.json": json({ security: { auth: { selectedType: "gemini-api-key" } } }),
    }),
    env: (url) => ({
      GEMINI_API_KEY: "none",
      GOOGLE_GEMINI_BASE_URL: url,
      GEMINI_CLI_TRUST_WORKSPACE: "true",
    }),
    work: (prompt) => ["-p", prompt, "--yolo", "-m", "gemini-2.5-flash"],
    mcpList: ["mcp", "list"],
  },
  opencode: {
    title: "opencode",
    npm: "opencode-ai",
    executable: "opencode",
    files: (url) => ({
      ".config/opencode/opencode.json": json({
        model: "played/played",
        permission: { bash: "allow" },
        provider: {
          played: {
            npm: "@ai-sdk/openai-compatible",
            options: { baseURL: `${url}/v1`, apiKey: "none" },
            models: { played: {} },
          },
        },
      }),
    }),
    work: (prompt) => ["run", prompt],
    mcpList: ["mcp", "list"],
  },
  qwen: {
    title: "Qwen Code",
    npm: "@qwen-code/qwen-code",
    executable: "qwen",
    files: () => ({
      ".qwen/settings.json": json({ security: { auth: { selectedType: "openai" } } }),
    }),
    env: (url) => ({
      OPENAI_API_KEY: "none",
      OPENAI_BASE_URL: `${url}/v1`,
      OPENAI_MODEL: "played",
    }),
    work: (prompt) => ["-p", prompt, "--yolo"],
    mcpList: ["mcp", "list"],
  },
  copilot: {
    title: "Copilot CLI",
    npm: "@github/copilot",
    executable: "copilot",
    env: (url) => ({
      COPILOT_OFFLINE: "true",
      COPILOT_PROVIDER_BASE_URL: `${url}/v1`,
      COPILOT_PROVIDER_API_KEY: "none",
      COPILOT_MODEL: "gpt-5",
      COPILOT_AUTO_UPDATE: "false",
    }),
    trust: (project) => ({ ".copilot/config.json": json({ trusted_folders: [project] }) }),
    work: (prompt) => ["-p", prompt, "--allow-all-tools", "--allow-all-paths"],
    mcpList: ["mcp", "list"],
  },
  continue: {
    title: "Continue",
    npm: "@continuedev/cli",
    executable: "cn",
    ignoresProjectFile: true,
    files: (url) => ({
      ".continue/config.yaml": `name: Main Config
version: 1.0.0
schema: v1
models:
  - name: played
    provider: anthropic
    model: claude-sonnet-4-5
    apiKey: none
    apiBase: ${url}/v1/
`,
    }),
    work: (prompt, home) => ["-p", "--auto", "--config", `${home}/.continue/config.yaml`, prompt],
  },
  cline: {
    title: "Cline",
    npm: "cline",
    executable: "cline",
    login: (url) => ["auth", "-p", "openai", "-k", "none", "-m", "gpt-5", "-b", `${url}/v1`],
    work: (prompt) => ["--auto-approve", "true", "-t", "120", prompt],
    mcpList: ["config", "mcp", "--json"],
  },
  auggie: {
    title: "Auggie",
    npm: "@augmentcode/auggie",
    executable: "auggie",
    mcpList: ["mcp", "list"],
  },
} satisfies Record<string, AgentProgram>;

export type ProgramName = keyof typeof programs;
