import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Agent } from "../agent.ts";
import { isObject, NAME } from "../format.ts";
import type { AgentName } from "../names.ts";
import { configOf, editorsOf, existing, oneOf, type Place, under } from "../place.ts";
import { list, local, servers, start, typed } from "./formats.ts";

const continueDirectory = (place: Place) => under(place, "CONTINUE_GLOBAL_DIR", ".continue");
const clineDirectory = (place: Place) => under(place, "CLINE_DIR", ".cline");
/** Where Cline's extensions before 2026 keep their settings. They read nothing else. */
const clineStorage = (place: Place) =>
  editorsOf(place, "Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf").map((user) =>
    join(user, "globalStorage/saoudrizwan.claude-dev"),
  );

/** Editors with an agent, and agents in editors. */
export const editorAgents = {
  // https://antigravity.google/docs/mcp; the other two are those of versions before 2.0
  antigravity: {
    title: "Antigravity",
    format: servers,
    user: ({ home }) =>
      existing(
        ["config", "antigravity", "antigravity-cli"].map((name) =>
          join(home, ".gemini", name, "mcp_config.json"),
        ),
      ),
    project: [".agents/mcp_config.json"],
    used: ({ home }) =>
      ["config", "antigravity", "antigravity-cli", "antigravity-ide"].map((name) =>
        join(home, ".gemini", name),
      ),
    programs: ["agy", "antigravity"],
  },
  // https://cursor.com/docs/mcp
  cursor: {
    title: "Cursor",
    format: typed,
    user: ({ home }) => [join(home, ".cursor/mcp.json")],
    project: [".cursor/mcp.json"],
    programs: ["cursor", "cursor-agent"],
    afterwards: "restart Cursor, then turn the server on under MCP in its settings",
  },
  // https://code.visualstudio.com/docs/agents/reference/mcp-configuration
  vscode: {
    title: "VS Code",
    format: { ...typed, key: "servers" },
    user(place) {
      const editors = editorsOf(place, "Code", "Code - Insiders");
      return existing(editors).map((user) => join(user, "mcp.json"));
    },
    project: [".vscode/mcp.json"],
    programs: ["code", "code-insiders"],
    afterwards: "VS Code asks whether to trust the server when it starts it",
  },
  // https://kilo.ai/docs/automate/mcp/using-in-kilo-code
  kilo: {
    title: "Kilo Code",
    format: local,
    user: (place) => oneOf(join(configOf(place), "kilo"), "kilo.jsonc", "kilo.json"),
    project: [".kilo/kilo.jsonc", ".kilo/kilo.json", "kilo.jsonc", "kilo.json"],
    programs: ["kilo", "kilocode"],
  },
  // https://docs.devin.ai/cli/extensibility/mcp/configuration. Before its new name of June 2026:
  // https://docs.windsurf.com/windsurf/cascade/mcp
  windsurf: {
    title: "Windsurf (Devin Desktop)",
    format: servers,
    user({ home }) {
      const directories = [join(home, ".config/devin"), join(home, ".codeium/windsurf")];
      return existing(directories).map((directory) => join(directory, "mcp_config.json"));
    },
    project: [".devin/mcp_config.json"],
    programs: ["windsurf", "devin"],
    afterwards: "start a new session, or refresh its MCP servers",
  },
  // https://docs.continue.dev/customize/deep-dives/mcp. A new config.yaml would replace the
  // deprecated config.json, so beside that the server goes into a file of its own.
  continue: {
    title: "Continue",
    format(path) {
      if (path.endsWith(".json")) return servers;
      // As Continue itself writes it: core/config/default.ts of its source.
      const isConfig = path.endsWith("config.yaml");
      return isConfig
        ? { ...list, head: { name: "Main Config", version: "1.0.0", schema: "v1" } }
        : { ...list, head: { name: NAME, version: "0.0.1", schema: "v1" } };
    },
    user(place) {
      const path = join(continueDirectory(place), "config.yaml");
      const isOld = !existsSync(path) && existsSync(join(continueDirectory(place), "config.json"));
      return [isOld ? join(continueDirectory(place), "mcpServers/portclaim.json") : path];
    },
    project: [".continue/mcpServers/portclaim.yaml"],
    used: (place) => [continueDirectory(place)],
    programs: ["cn"],
    skills: {
      user: (place) => join(continueDirectory(place), "skills"),
      project: ".continue/skills",
    },
    afterwards: "Continue loads it when its configuration is reloaded; only agent mode has tools",
  },
  // https://docs.cline.bot/getting-started/config. Its CLI nests what starts a server.
  cline: {
    title: "Cline",
    format: {
      ...servers,
      start: (server, old) =>
        isObject(old?.["transport"]) ? { transport: start(server) } : start(server),
    },
    user(place) {
      const name = "cline_mcp_settings.json";
      const data = place.env["CLINE_DATA_DIR"] || join(clineDirectory(place), "data");
      const shared = place.env["CLINE_MCP_SETTINGS_PATH"] || join(data, "settings", name);
      const older = clineStorage(place).map((directory) => join(directory, "settings", name));
      return [shared, ...older.filter((path) => existsSync(path))];
    },
    used: (place) => [clineDirectory(place), ...clineStorage(place)],
    programs: ["cline"],
    afterwards: "Cline's extension loads it by itself, its CLI at the next start",
  },
  // https://zed.dev/docs/ai/mcp; crates/paths/src/paths.rs of its source
  zed: {
    title: "Zed",
    format: { ...servers, key: "context_servers" },
    user(place) {
      const isMac = place.platform === "darwin";
      const config = isMac ? join(place.home, ".config") : configOf(place);
      return [join(config, "zed/settings.json")];
    },
    project: [".zed/settings.json"],
    programs: ["zed", "zeditor"],
    afterwards: "Zed loads it by itself",
  },
  // https://kiro.dev/docs/mcp/configuration
  kiro: {
    title: "Kiro",
    format: servers,
    user: ({ home }) => [join(home, ".kiro/settings/mcp.json")],
    project: [".kiro/settings/mcp.json"],
    used: ({ home }) => [join(home, ".kiro")],
    programs: ["kiro", "kiro-cli"],
    afterwards: "Kiro loads it by itself",
  },
  // https://docs.warp.dev/agents/capabilities/mcp
  warp: {
    title: "Warp",
    format: servers,
    user: ({ home }) => [join(home, ".warp/.mcp.json")],
    project: [".warp/.mcp.json"],
    used: (place) => [join(place.home, ".warp"), join(configOf(place), "warp-terminal")],
    programs: ["warp-terminal"],
    afterwards: "Warp loads it by itself; it asks for approval of a project's servers",
  },
} satisfies Partial<Record<AgentName, Agent>>;
