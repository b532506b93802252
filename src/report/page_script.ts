/**
 * The script of the page, joined from the modules in `page`: the page is one file.
 *
 * @module
 */
import balance from "./page/balance.js" with { type: "text" };
import cells from "./page/cells.js" with { type: "text" };
import data from "./page/data.js" with { type: "text" };
import legend from "./page/legend.js" with { type: "text" };
import main from "./page/main.js" with { type: "text" };
import map from "./page/map.js" with { type: "text" };
import pieces from "./page/pieces.js" with { type: "text" };
import records from "./page/records.js" with { type: "text" };
import sectors from "./page/sectors.js" with { type: "text" };
import states from "./page/states.js" with { type: "text" };
import table from "./page/table.js" with { type: "text" };
import timeline from "./page/timeline.js" with { type: "text" };

/** The modules by name, each after those that it imports. */
export const modules: ReadonlyMap<string, string> = new Map(Object.entries({
  data,
  cells,
  timeline,
  legend,
  pieces,
  sectors,
  map,
  table,
  states,
  balance,
  records,
  main,
}));

/** The script. */
export const script: string = `(() => {\n"use strict";\n${
  [...modules.values()].map(joined).join("\n")
}})();\n`;

/** A module as a part of one script: what it imports stands above it. */
function joined(source: string): string {
  return source.replaceAll(/^import [^;]*;\n/gm, "").replaceAll(/^export /gm, "");
}
