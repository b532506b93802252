import { bytesOf, cut, frozen, jsonOf } from "./json.ts";
import type { Breach, Known, Oracle, StateComparison, Terms } from "./oracle.ts";

/** What a store should do; see `StoreModel`. */
interface Model {
  readonly initial: unknown;
  next(state: never, command: never): unknown;
}

/** A store and its commands; the first place of a session is the state that it showed. */
const ofCommands: Terms = {
  subject: "store",
  item: "command",
  call: "apply",
  called: "applied",
  content: "state",
  from: 1,
  wordsOf: jsonOf,
};

/** The states that so many places may lead to: each as JSON, with what it is. */
type States = ReadonlyMap<string, unknown>;

/** Everything a session may come to: element `i` is for the first `i` places. */
interface Course {
  /** Which places were in doubt when it was worked out. */
  readonly doubts: string;
  readonly states: readonly States[];
}

/**
 * The oracle of stores: the state must be the model's after some number of whole commands, at least
 * those that are owed, at most those that were issued. A command that failed may be left out.
 *
 * The records of a session are the state that it showed first, then its commands; what is recovered
 * is one record, the state. All of them are JSON.
 */
export function modelState(model: Model): Oracle {
  const courses = new WeakMap<Known, Course>();

  function courseOf(known: Known): readonly States[] {
    let doubts = "";
    for (let place = 0; place < known.places; place++) doubts += known.mayMiss(place) ? "?" : ".";
    const before = courses.get(known);
    if (before?.doubts === doubts) return before.states;
    const states = statesOf(known);
    courses.set(known, { doubts, states });
    return states;
  }

  function statesOf(known: Known): readonly States[] {
    const shown = jsonOf(known.at(0));
    let last: States = new Map([[shown, frozen(JSON.parse(shown))]]);
    const course: States[] = [new Map(), last];
    for (let place = 1; place < known.places; place++) {
      const command = frozen(JSON.parse(jsonOf(known.at(place))));
      const next = new Map<string, unknown>(known.mayMiss(place) ? last : []);
      for (const state of last.values()) {
        const after = frozen(model.next(state as never, command as never));
        next.set(jsonOf(bytesOf(after, "the state of the model")), after);
      }
      course.push(last = next);
    }
    return course;
  }

  return {
    nothing: [bytesOf(model.initial, "the first state of the model")],
    terms: ofCommands,

    isLegal([recovered], known, { owed, issued }) {
      const state = jsonOf(recovered!);
      const course = courseOf(known);
      for (let i = Math.max(owed, 1); i <= issued; i++) if (course[i]!.has(state)) return true;
      return false;
    },

    explain([recovered], known, { owed, issued }) {
      const state = jsonOf(recovered!);
      const course = courseOf(known);
      const counts = `(${count(owed - 1)} owed, ${count(issued - 1)} issued)`;
      for (let i = owed - 1; i >= 1; i--) {
        if (!course[i]!.has(state)) continue;
        const lost = cut(jsonOf(known.at(i)));
        return {
          clause: "acked command lost",
          message: `The command ${lost} was acked, and the store is as it was before it ${counts}`,
        };
      }
      if (course.slice(issued + 1).some((states) => states.has(state))) {
        return {
          clause: "back from the dead",
          message:
            `The store has carried out a command that was not issued at that moment ${counts}`,
        };
      }
      return wrongState(state, course.slice(Math.max(owed, 1), issued + 1), counts);
    },

    compare(recovered, known, { owed, issued }): StateComparison {
      const course = courseOf(known);
      const legal = course.slice(Math.max(owed, 1), issued + 1);
      // Of an empty window the states are as they were before.
      const [first, last] = [course[Math.max(owed, 1)]!, course[Math.max(issued, 1)]!];
      const [least] = first.values();
      const most = [...last.values()].at(-1);
      if (recovered === undefined) return { least, most };
      const text = jsonOf(recovered[0]!);
      const state: unknown = JSON.parse(text);
      const nearest = nearestOf(state, legal);
      // Among equals, the latest that is not too late: what is missing then is what was lost.
      const reached = course.findLastIndex((states, i) => i <= issued && states.has(text));
      const after = reached < 1 ? undefined : reached - 1;
      return { least, most, recovered: { state, nearest: nearest.legal, after } };
    },
  };
}

/** Which state comes closest, and where the recovered one differs from it first. */
function wrongState(state: string, course: readonly States[], counts: string): Breach {
  const { differences } = nearestOf(JSON.parse(state), course);
  const more = differences.length > 1 ? `, and ${differences.length - 1} more differences` : "";
  return {
    clause: "wrong state",
    message: `No number of whole commands leads to this state: ${differences[0]}${more} ${counts}`,
  };
}

/** Of some states the one from which a state differs least, and where; among equals the first. */
function nearestOf(
  is: unknown,
  course: readonly States[],
): { readonly legal: unknown; readonly differences: readonly string[] } {
  const all = course.flatMap((states) =>
    [...states.values()].map((legal) => ({ legal, differences: differencesOf(is, legal, "") }))
  );
  return all.toSorted((a, b) => a.differences.length - b.differences.length)[0]!;
}

/** Where two JSON values differ, in words. */
function differencesOf(is: unknown, legal: unknown, place: string): string[] {
  const keysOf = (value: unknown) =>
    typeof value === "object" && value !== null ? Object.keys(value) : undefined;
  const [here, there] = [keysOf(is), keysOf(legal)];
  if (here === undefined || there === undefined || Array.isArray(is) !== Array.isArray(legal)) {
    if (is === legal) return [];
    const name = place === "" ? "it" : place;
    return [`${name} is ${told(is)}, expected ${told(legal)}`];
  }
  const keys = [...new Set([...there, ...here])];
  return keys.flatMap((key) => {
    const at = Array.isArray(is) ? `${place}[${key}]` : `${place}.${key}`;
    return differencesOf(field(is, key), field(legal, key), at);
  });
}

function field(value: unknown, key: string): unknown {
  return Object.hasOwn(value as object, key) ? (value as Record<string, unknown>)[key] : undefined;
}

function told(value: unknown): string {
  return value === undefined ? "missing" : cut(JSON.stringify(value));
}

function count(commands: number): string {
  return commands === 1 ? "1 command" : `${commands} commands`;
}
