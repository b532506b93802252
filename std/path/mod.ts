// @ts-types="./mod.d.ts"
export {
  basename,
  dirname,
  fromFileUrl,
  globToRegExp,
  join,
  relative,
  resolve,
  toFileUrl,
} from "npm:deno-std@1.4.0/path/mod.js";
