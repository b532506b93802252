/**
 * The browser that tests use: Chromium, from the PATH or from the variable CHROMIUM. `.ci/run` installs
 * it; where there is none, tests that need one are ignored, and say so.
 *
 * @module
 */
import { existsSync } from "@std/fs";
import { join } from "@std/path";
import { type Browser, chromium } from "playwright-core";

const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const path = Deno.env.get("CHROMIUM") ?? onPath("chromium");

/** Where a program lies; `undefined` when it is not installed. */
function onPath(name: string): string | undefined {
  const separator = Deno.build.os === "windows" ? ";" : ":";
  const paths = (Deno.env.get("PATH") ?? "").split(separator).map((folder) => join(folder, name));
  return paths.find((path) => existsSync(path, { isFile: true }));
}

/**
 * Whether there is a browser.
 *
 * @param what What cannot be done without one, in words.
 * @returns Whether it can be launched; if not, that was said on the standard error.
 */
export function hasChromium(what: string): boolean {
  if (path === undefined) {
    console.warn(`${what}: chromium is neither on the PATH nor in CHROMIUM`);
  }
  return path !== undefined;
}

/** Starts the browser. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: path!, args: ARGS });
}
