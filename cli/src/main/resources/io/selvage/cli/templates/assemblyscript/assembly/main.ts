// A CGI program: the request is in the environment and on stdin, the answer goes to stdout.
import { print, variable } from "./wasi";

export function _start(): void {
    print("Content-Type: text/plain\n\nHello from @NAME@, you asked for " + variable("PATH_INFO") + "\n");
}
