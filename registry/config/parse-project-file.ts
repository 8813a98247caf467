import { realpathSync } from "node:fs";
import { RegistryError } from "../errors/errors.ts";
import { projectName, validateName } from "../values/name.ts";
import { variableFor } from "../values/variable.ts";
import type { Checkout, Here } from "./checkout.ts";
import { checkValue, problemOfName } from "./env-rules.ts";
import type { ProjectFile, ProjectService } from "./project.ts";
import {
  anyOf,
  optional,
  readToml,
  show,
  type Table,
  type TomlReader,
  unknownKeys,
} from "./toml-reader.ts";

const MAX_SERVICES = 64;
const LOWEST_PORT = 1024;
const MAX_LINE = 4096;
const KEYS = ["project", "services", "env"];
const SERVICE_KEYS = ["port", "run", "dir", "env", "lease", "shared"];

/** Parses a portclaim.toml. Throws a RegistryError ("project-file"). */
export function parseProjectFile(source: string, path: string, checkout: Checkout): ProjectFile {
  return readToml(source, path, "project-file", (reader, root) =>
    new ProjectParser(reader, checkout).read(root),
  );
}

class ProjectParser {
  private readonly warnings: string[] = [];
  private project: string | undefined;

  constructor(
    readonly reader: TomlReader,
    readonly checkout: Checkout,
  ) {}

  read(table: Table): ProjectFile {
    const { reader, checkout, warnings } = this;
    this.warn(table, [], KEYS);
    this.project = this.name("project", table["project"], ["project"]);
    const services = reader.each(table, "services", undefined, (each, key) =>
      this.service(each, key),
    );
    const over = [...services.keys()][MAX_SERVICES];
    if (over !== undefined) reader.fail(["services", over], `more than ${MAX_SERVICES} services`);
    this.checkVariables([...services.values()]);
    return {
      path: reader.path,
      root: checkout.root,
      ...optional("project", this.project),
      services,
      env: this.env(table, services),
      warnings,
    };
  }

  private service(table: Table, key: string[]): ProjectService {
    const { reader } = this;
    const name = this.name("service", key[1], key) ?? "";
    this.warn(table, key, SERVICE_KEYS);
    const at = (field: string) => [...key, field];
    const shared = reader.flag(table["shared"], at("shared")) ?? false;
    const variable = this.text(table, at("env"));
    const problem = variable === undefined ? undefined : problemOfName(variable);
    if (problem !== undefined) reader.fail(at("env"), problem);
    return {
      name,
      ...optional("port", reader.port(table["port"], at("port"), LOWEST_PORT)),
      ...optional("run", this.text(table, at("run"))),
      variables: [...new Set([variableFor(name), ...(variable === undefined ? [] : [variable])])],
      ...optional("lease", reader.lease(table["lease"], at("lease"))),
      shared,
      place: this.place(this.text(table, at("dir")) ?? ".", at("dir"), shared),
    };
  }

  /** The directory, project and checkout that a service is claimed for. */
  private place(directory: string, key: string[], shared: boolean): Here {
    const { checkout } = this;
    const main = checkout.repository;
    if (!shared || main === undefined) {
      return this.within(checkout, this.inside(checkout.root, directory, key));
    }
    // A bare repository, or a submodule's, doesn't contain the project's directories.
    const isCheckout = realPath(`${main}/.git`) !== undefined;
    const cwd = isCheckout ? this.inside(main, directory, key) : main;
    return this.within({ root: main, linked: false }, cwd);
  }

  private within(checkout: Checkout, cwd: string): Here {
    return { cwd, project: this.project ?? projectName(checkout.root), checkout };
  }

  /** The real path of a directory in a checkout; the path itself if the directory doesn't exist yet. */
  private inside(root: string, directory: string, key: string[]): string {
    const parts = directory.split("/").filter((part) => part !== "" && part !== ".");
    if (directory === "" || directory.startsWith("/") || parts.includes("..")) {
      this.reader.fail(key, `${show(directory)} is not inside the file's directory`);
    }
    const path = [root, ...parts].join("/");
    const real = realPath(path) ?? path;
    if (real === root || `${real}/`.startsWith(`${realPath(root) ?? root}/`)) return real;
    return this.reader.fail(key, `${show(directory)} leads out of the checkout, to ${real}`);
  }

  private env(table: Table, services: ReadonlyMap<string, ProjectService>): Map<string, string> {
    const values = this.reader.table(table, ["env"]);
    const entries = Object.keys(values).map((name): [string, string] => {
      const key = ["env", name];
      const value = this.text(values, key) ?? "";
      const problem = problemOfName(name) ?? checkValue(value, services);
      if (problem !== undefined) this.reader.fail(key, problem);
      return [name, value];
    });
    return new Map(entries);
  }

  /** Refuses two services that would set one variable. */
  private checkVariables(services: readonly ProjectService[]): void {
    const owners = new Map<string, string>();
    for (const { name, variables } of services) {
      for (const variable of variables) {
        const other = owners.get(variable);
        if (other !== undefined) {
          this.reader.fail(["services", name], `it would set ${variable}, as "${other}" does`);
        }
        owners.set(variable, name);
      }
    }
  }

  private name(kind: "project" | "service", value: unknown, key: string[]): string | undefined {
    if (value === undefined) return undefined;
    if (typeof value !== "string") this.reader.fail(key, `${show(value)} is not a string`);
    try {
      return validateName(kind, value as string);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      return this.reader.fail(key, error.message);
    }
  }

  /** A line of text, without control characters. */
  private text(table: Table, key: string[]): string | undefined {
    const name = key.at(-1) ?? "";
    const value = Object.hasOwn(table, name) ? table[name] : undefined;
    if (value === undefined) return undefined;
    if (typeof value !== "string") this.reader.fail(key, `${show(value)} is not a string`);
    const text = value as string;
    if (text.length > MAX_LINE) this.reader.fail(key, `longer than ${MAX_LINE} characters`);
    if (/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text)) {
      this.reader.fail(key, `${show(text)} contains control characters`);
    }
    return text;
  }

  private warn(table: Table, key: string[], known: string[]): void {
    for (const odd of unknownKeys(table, known)) {
      const name = [...key, odd].join(".");
      const what = `unknown key "${name}"; expected ${anyOf(known)}`;
      this.warnings.push(this.reader.error([...key, odd], what).message);
    }
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
