// Signatures of what this project uses of @std/path.
export declare function basename(path: string, suffix?: string): string;
export declare function dirname(path: string): string;
export declare function fromFileUrl(url: URL | string): string;
export declare function globToRegExp(glob: string): RegExp;
export declare function join(...paths: string[]): string;
export declare function relative(from: string, to: string): string;
export declare function resolve(...pathSegments: string[]): string;
export declare function toFileUrl(path: string): URL;
