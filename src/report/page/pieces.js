import { data, element, plural, terms } from "./data.js";

/** The pieces of a layout that lie in a range, drawn to scale. */
export function pieceBar(layout, from, to) {
  const bar = element("div", "pieces");
  for (const [offset, length, label, ok] of data.layouts[layout] ?? []) {
    const start = Math.max(offset, from);
    const end = Math.min(offset + length, to);
    if (start >= end) continue;
    const share = (end - start) / (to - from);
    const words = data.labels[label];
    // Where there is no room for the words, a number is better than their first letters.
    const shown = share > 0.28 ? words : share > 0.07 ? /^\w+ (\d+)/.exec(words)?.[1] ?? "" : "";
    const piece = element("span", ok ? "piece" : "piece bad", shown);
    piece.style.left = `${(start - from) / (to - from) * 100}%`;
    piece.style.width = `${share * 100}%`;
    piece.title = `${offset} to ${offset + length}: ${data.labels[label]}`;
    if (offset < from) piece.classList.add("goes-back");
    if (offset + length > to) piece.classList.add("goes-on");
    bar.append(piece);
  }
  return bar;
}

/** The files whose layout is unfolded. */
export const openLayouts = new Set();

export function layoutList(layout, file) {
  const pieces = data.layouts[layout] ?? [];
  if (pieces.length === 0) return undefined;
  const bad = pieces.filter((piece) => !piece[3]).length;
  const list = element("details", "layout");
  const count = `${plural(pieces.length, "piece")}${bad > 0 ? `, ${bad} of them bad` : ""}`;
  list.append(element("summary", "", `What the ${terms.subject} makes of these bytes: ${count}`));
  const fill = () => {
    const items = element("ol");
    for (const [offset, length, label, ok] of pieces) {
      const item = element("li", ok ? "" : "bad");
      item.append(
        element("span", "range", `${offset} to ${offset + length}`),
        ` ${ok ? "" : "bad: "}${data.labels[label]}`,
      );
      items.append(item);
    }
    list.append(items);
  };
  // A long list is made when somebody wants to see it, and not at every step.
  if (pieces.length <= 6 || openLayouts.has(file)) {
    list.open = true;
    fill();
  }
  list.addEventListener("toggle", () => {
    if (list.open && !list.querySelector("ol")) fill();
    if (list.open) openLayouts.add(file);
    else openLayouts.delete(file);
  });
  return list;
}
