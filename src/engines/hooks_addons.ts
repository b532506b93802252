/**
 * Native addons: code that writes to the real disk, whatever stands in for `node:fs`.
 *
 * @module
 */

/** Packages that find and load the addon of the package that calls them. */
export const ADDON_LOADERS: ReadonlySet<string> = new Set([
  "bindings",
  "node-gyp-build",
  "node-gyp-build-optional-packages",
  "node-pre-gyp",
  "@mapbox/node-pre-gyp",
  "pkg-prebuilds",
  "prebuild-install",
  "require-addon",
]);

/**
 * Says that a native addon is refused. It looks like a module that is not there, so that a package
 * that can do without goes on.
 */
export function addonRefusal(packageName: string): Error & { readonly code: string } {
  const message = `Cannot load the native addon of "${packageName}": ` +
    "it would write to the real disk, expected a package in JavaScript or WebAssembly";
  return Object.assign(new Error(message), { code: "MODULE_NOT_FOUND" });
}
