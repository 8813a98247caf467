import type { Page } from "./bundle.ts";

/** Builds the page from its source. `bun run build` replaces this module by the built page. */
export async function loadPage(): Promise<Page> {
  const { bundlePage } = await import("./bundle.ts");
  return await bundlePage();
}
