import type { Page } from "./bundle.ts";

/** Builds the page from its source. `bun run build` puts the built page in this file's place. */
export async function loadPage(): Promise<Page> {
  const { bundlePage } = await import("./bundle.ts");
  return await bundlePage();
}
