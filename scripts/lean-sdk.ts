/** Leaves out what portclaim doesn't use of the MCP SDK: half of its code, and 2 MB of a server's memory. */
export const leanSdk: Bun.BunPlugin = {
  name: "lean-sdk",
  setup(build) {
    // The SDK always creates its validator of JSON Schemas, but uses it only for elicitation.
    build.onLoad({ filter: /\/sdk\/dist\/esm\/validation\/ajv-provider\.js$/ }, () => ({
      loader: "js",
      contents: "export class AjvJsonSchemaValidator {}",
    }));
    // The bundler drops an unused schema only if it knows that creating one has no side effects.
    build.onLoad({ filter: /\/sdk\/dist\/esm\/types\.js$/ }, async ({ path }) => {
      const code = await Bun.file(path).text();
      const constants = /^((?:export )?const \w+ = )(.*?);$(?=\n[a-z/])/gms;
      const contents = code.replaceAll(constants, "$1/* @__PURE__ */ (() => ($2))();");
      return { loader: "js", contents };
    });
  },
};
