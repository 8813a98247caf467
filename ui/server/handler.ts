import type { Registry } from "../../registry/store/registry.ts";
import type { Page } from "./bundle.ts";
import type { Feed } from "./feed.ts";
import type { Visitor } from "./guard.ts";
import type { About } from "./running-dashboard.ts";

/** What the routes need to answer a request. */
export interface Dashboard {
  open: () => Promise<Registry>;
  feed: Feed;
  page: Page;
  about: About;
  /** The key that a browser needs to stop and release; missing where the system tells whose request it is. */
  key?: string | undefined;
}

/** Answers a request. `port` is the one in its path, if any. */
export type Handler = (
  dashboard: Dashboard,
  request: Request,
  visitor: Visitor,
  port: number,
) => Promise<Response> | Response;
