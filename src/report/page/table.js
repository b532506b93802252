import { element } from "./data.js";

/** A table with these words over its columns. */
export function tableOf(titles, rows) {
  const table = element("table");
  const head = element("tr");
  for (const title of titles) {
    const th = element("th", "", title);
    th.scope = "col";
    head.append(th);
  }
  const [thead, body] = [element("thead"), element("tbody")];
  thead.append(head);
  body.append(...rows);
  table.append(thead, body);
  return table;
}
