import { type SortOrder, sortByKind, sortRows } from "./filter-and-sort.ts";
import { needsAttention, type Row } from "./row.ts";

/** Rows under one heading. */
export interface Section {
  /** A key that no other section has. */
  name: string;
  heading: string;
  rows: readonly Row[];
  /** Whether each row names its project, as the heading doesn't. */
  hasProjects: boolean;
}

const isFolded = ({ kind }: Row) => kind === "idle" || kind === "dead";

/**
 * The table in its order: what needs attention, projects with several ports, those with one, and apart from them what
 * is idle or dead.
 */
export function sectionsOf(
  rows: readonly Row[],
  order: SortOrder,
): { sections: Section[]; folded: Section } {
  const sorted = sortRows(rows, order);
  const attention = sortByKind(sorted.filter(({ kind }) => needsAttention(kind)));
  const rest = sorted.filter((row) => !needsAttention(row.kind) && !isFolded(row));
  const projects = [...Map.groupBy(rest, ({ project }) => project)];
  const groups = projects.filter(([, { length }]) => length > 1);
  const single = projects.filter(([, { length }]) => length === 1).flatMap(([, some]) => some);
  const others = groups.length > 0 ? "Other projects" : "";
  const heading = attention.length > 0 && groups.length === 0 ? "Claims" : others;
  return {
    sections: [
      { name: "/attention", heading: "Needs attention", rows: attention, hasProjects: true },
      ...groups.map(([name, some]) => ({ name, heading: name, rows: some, hasProjects: false })),
      { name: "/others", heading, rows: single, hasProjects: true },
    ].filter((section) => section.rows.length > 0),
    folded: { name: "/folded", heading: "", rows: sorted.filter(isFolded), hasProjects: true },
  };
}

/** "5 idle, 2 stale" */
export function foldedWords(rows: readonly Row[]): string {
  const idle = rows.filter(({ kind }) => kind === "idle").length;
  const stale = rows.length - idle;
  return [idle > 0 && `${idle} idle`, stale > 0 && `${stale} stale`].filter(Boolean).join(", ");
}
