/** The dashboard's page. */
export interface Page {
  /** The whole page, with a placeholder for what browsers without JavaScript show. */
  html: string;
  /** Its Content-Security-Policy. */
  policy: string;
  /** A hash of the page. */
  version: string;
}

const source = (name: string) => `${import.meta.dir}/../page/${name}`;

async function bundle(entry: string): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: [source(entry)],
    target: "browser",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return (await outputs[0]?.text())?.trim() ?? "";
}

/** The hash that allows one inline script or style in a Content-Security-Policy. */
function hashOf(text: string): string {
  return `'sha256-${new Bun.CryptoHasher("sha256").update(text).digest("base64")}'`;
}

/** Builds the page into a single HTML file that loads nothing else. */
export async function bundlePage(): Promise<Page> {
  const [template, built, style] = await Promise.all([
    Bun.file(source("index.html")).text(),
    bundle("main.tsx"),
    bundle("page.css"),
  ]);
  const script = built.replaceAll("</script", String.raw`<\/script`);
  const html = template
    .replace("<!-- style -->", () => `<style>${style}</style>`)
    .replace("<!-- script -->", () => `<script type="module">${script}</script>`);
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "img-src data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return { html, policy, version: Bun.hash(html).toString(36) };
}
