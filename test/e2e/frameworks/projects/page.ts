/** A page with a script, as bundlers want it. */
const HTML = '<!doctype html><title>app</title><script type="module" src="/src/index.js"></script>';
export const PAGE = { "index.html": HTML, "src/index.js": 'document.body.textContent = "app";\n' };
