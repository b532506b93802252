import { byId, chip, element, STATES } from "./data.js";

/** What the chips mean: those that are not to be seen now are pale. */
export function drawLegend(used) {
  const legend = byId("legend");
  const key = [...used].sort().join();
  if (legend.dataset.key === key) return;
  legend.dataset.key = key;
  legend.textContent = "";
  for (const [state, [word, short, meaning]] of Object.entries(STATES)) {
    const item = element("li", used.has(state) ? "" : "unused");
    item.title = meaning;
    item.append(chip(state, word), ` ${short}`);
    legend.append(item);
  }
}
