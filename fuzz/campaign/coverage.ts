/**
 * Which branches of a log were taken: modules are rewritten as they are loaded, with a counter at the
 * beginning of every branch. Install it before the log is imported.
 *
 * @module
 */
import { registerHooks } from "node:module";
import { type AnyNode, type Expression, parse, type Statement } from "acorn";
import { full } from "acorn-walk";

/** Counters of the branches of all instrumented modules. */
export interface Probes {
  /** How often each branch was taken. */
  readonly counts: Uint32Array;
  /** How many counters are in use. */
  used: number;
}

/** More branches than that are not counted. */
const PROBES_MAX = 1 << 16;

/** What the counters are called in a rewritten module. */
const NAME = "__plugpullProbes";

/**
 * Instruments the modules that are loaded from now on.
 *
 * @param isSubject Whether a module, by its URL, is part of the log.
 * @returns The counters; they are in use as modules are loaded.
 */
export function installCoverage(isSubject: (url: string) => boolean): Probes {
  const probes: Probes = { counts: new Uint32Array(PROBES_MAX), used: 0 };
  Object.defineProperty(globalThis, NAME, { value: probes.counts });
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      const { format, source } = loaded;
      if (format === "json" || format === "wasm" || format === "builtin" || !isSubject(url)) {
        return loaded;
      }
      const text = typeof source === "string"
        ? source
        : source == null
        ? undefined
        : new TextDecoder().decode(source);
      if (text === undefined) return loaded;
      return { ...loaded, source: instrumented(text, probes) ?? text };
    },
  });
  return probes;
}

/** A place in a source where a text is put in. */
type Insertion = readonly [at: number, text: string];

/**
 * A source with a counter at each branch; `undefined` for what is no JavaScript. Lines stay what they
 * are, so that the places in a finding are right.
 */
export function instrumented(source: string, probes: Probes): string | undefined {
  const program = parsed(source);
  if (program === undefined) return undefined;
  const insertions: Insertion[] = [];
  const count = () => `${NAME}[${probes.used < PROBES_MAX - 1 ? probes.used++ : probes.used}]++`;
  const statement = (node: Statement | null | undefined) => {
    if (node == null) return;
    if (node.type === "BlockStatement") insertions.push([node.start + 1, `${count()};`]);
    else insertions.push([node.start, `{${count()};`], [node.end, "}"]);
  };
  const expression = (node: Expression) =>
    insertions.push([node.start, `(${count()},`], [node.end, ")"]);
  full(program, (visited) => {
    const node = visited as AnyNode;
    switch (node.type) {
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        if (node.body.type !== "BlockStatement") expression(node.body);
        else if (!hasDirective(node.body.body)) statement(node.body);
        break;
      case "IfStatement":
        statement(node.consequent);
        // A chain of else-ifs has its branches counted link by link.
        if (node.alternate?.type !== "IfStatement") statement(node.alternate);
        break;
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
      case "WhileStatement":
        statement(node.body);
        break;
      case "CatchClause":
        statement(node.body);
        break;
      case "SwitchCase":
        if (node.consequent[0] !== undefined) {
          insertions.push([node.consequent[0].start, `${count()};`]);
        }
        break;
      case "ConditionalExpression":
        expression(node.consequent);
        expression(node.alternate);
        break;
      case "LogicalExpression":
        expression(node.right);
        break;
    }
  });
  return withInsertions(source, insertions);
}

function parsed(source: string): AnyNode | undefined {
  for (const sourceType of ["module", "script"] as const) {
    try {
      return parse(source, {
        ecmaVersion: "latest",
        sourceType,
        allowReturnOutsideFunction: true,
        allowHashBang: true,
      });
    } catch {
      // Tried as the other kind next.
    }
  }
  return undefined;
}

/** A function that begins with "use strict" keeps it first. */
function hasDirective([first]: readonly Statement[]): boolean {
  return first?.type === "ExpressionStatement" && first.directive !== undefined;
}

function withInsertions(source: string, insertions: readonly Insertion[]): string {
  let text = "";
  let from = 0;
  // Of what is put in at one place, what closes comes first: it belongs to what ends there.
  const closesFirst = (a: string, b: string) => rankOf(a) - rankOf(b);
  const ordered = insertions.toSorted((a, b) => a[0] - b[0] || closesFirst(a[1], b[1]));
  for (const [at, added] of ordered) {
    text += source.slice(from, at) + added;
    from = at;
  }
  return text + source.slice(from);
}

function rankOf(text: string): number {
  return text === ")" || text === "}" ? 0 : 1;
}
