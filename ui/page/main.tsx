import { render } from "preact";
import { App } from "./app.tsx";
import { Store } from "./store.ts";

const root = document.getElementById("app");
const store = new Store();
if (root) store.start((model) => render(<App model={model} />, root));
if (root) render(<App model={store.model} />, root);
