// A guestbook. Its state is one value, /kv/guestbook/entries, to which every entry is appended as a line.
//
//   GET  /         the page
//   GET  /entries  the entries as JSON, the newest first
//   POST /         name=…&message=… as a form sends it: 303 back to the page, or 201 for a client that wants JSON

import { appendToFile, log, now, print, readBody, readFile, variable } from "./wasi";

const ENTRIES = "/kv/guestbook/entries";
const NAME_MAX = 60;
const MESSAGE_MAX = 1000;
const SHOWN = 100;

class Entry {
    constructor(
        public time: i64,
        public name: string,
        public message: string,
    ) {}

    /** The line that stands for it: nothing in it can end the line or a field early. */
    line(): string {
        return this.time.toString() + "\t" + encode(this.name) + "\t" + encode(this.message) + "\n";
    }

    static of(line: string): Entry | null {
        const fields = line.split("\t");
        return fields.length != 3 ? null : new Entry(I64.parseInt(fields[0]), decode(fields[1]), decode(fields[2]));
    }

    date(): string {
        return new Date(this.time).toISOString();
    }

    json(): string {
        return '{"time":"' + this.date() + '","name":' + quote(this.name) + ',"message":' + quote(this.message) + "}";
    }

    html(): string {
        const date = this.date();
        return "<article><p>" + escape(this.message).replaceAll("\n", "<br>") + "</p><footer><b>"
            + escape(this.name) + "</b> <time datetime=" + date + ">" + date.substring(0, 10) + ", "
            + date.substring(11, 16) + " UTC</time></footer></article>\n";
    }
}

// ---- text ----

function encode(text: string): string {
    return text.replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n");
}

function decode(text: string): string {
    let result = "";
    for (let i = 0; i < text.length; i++) {
        const c = text.charAt(i);
        if (c != "\\") {
            result += c;
        } else {
            const next = text.charAt(++i);
            result += next == "t" ? "\t" : next == "n" ? "\n" : next;
        }
    }
    return result;
}

function escape(text: string): string {
    return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
        .replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

function quote(text: string): string {
    let result = '"';
    for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i);
        if (code == 0x22 || code == 0x5c) {
            result += "\\" + String.fromCharCode(code);
        } else if (code < 0x20) {
            result += "\\u00" + (code < 0x10 ? "0" : "1") + (code & 15).toString(16);
        } else {
            result += String.fromCharCode(code);
        }
    }
    return result + '"';
}

function hexDigit(code: i32): i32 {
    return code >= 0x30 && code <= 0x39 ? code - 0x30
        : (code | 32) >= 0x61 && (code | 32) <= 0x66 ? (code | 32) - 0x57
        : -1;
}

/** The text behind a form's percent-encoding. */
function decodeForm(text: string): string {
    const bytes = Uint8Array.wrap(String.UTF8.encode(text));
    let length = 0;
    for (let i = 0; i < bytes.length; i++) {
        const byte = bytes[i];
        if (byte == 0x25 && i + 2 < bytes.length) {
            const high = hexDigit(bytes[i + 1]);
            const low = hexDigit(bytes[i + 2]);
            if (high >= 0 && low >= 0) {
                bytes[length++] = <u8>(high * 16 + low);
                i += 2;
                continue;
            }
        }
        bytes[length++] = byte == 0x2b ? 0x20 : byte;
    }
    return String.UTF8.decodeUnsafe(bytes.dataStart, length);
}

function field(form: string, name: string): string {
    const pairs = form.split("&");
    for (let i = 0; i < pairs.length; i++) {
        if (pairs[i].startsWith(name + "=")) {
            return decodeForm(pairs[i].substring(name.length + 1)).replaceAll("\r\n", "\n").trim();
        }
    }
    return "";
}

// ---- requests ----

/** The newest entries, the newest first. */
function newest(): Entry[] {
    const lines = readFile(ENTRIES).split("\n");
    const entries: Entry[] = [];
    for (let i = lines.length - 1; i >= 0 && entries.length < SHOWN; i--) {
        const entry = Entry.of(lines[i]);
        if (entry) {
            entries.push(entry);
        }
    }
    return entries;
}

function refuse(why: string): void {
    print("Status: 400 Bad Request\nContent-Type: application/json\n\n{\"error\":" + quote(why) + "}\n");
}

function sign(): void {
    const body = readBody();
    const name = field(body, "name");
    const message = field(body, "message");
    if (name.length == 0 || name.length > NAME_MAX) {
        return refuse("the field name must have 1 to 60 characters");
    }
    if (message.length == 0 || message.length > MESSAGE_MAX) {
        return refuse("the field message must have 1 to 1000 characters");
    }
    const entry = new Entry(now(), name, message);
    appendToFile(ENTRIES, entry.line());
    log("signed by " + quote(name));
    if (variable("HTTP_ACCEPT").includes("application/json")) {
        print("Status: 201 Created\nContent-Type: application/json\n\n" + entry.json() + "\n");
    } else {
        print("Status: 303 See Other\nLocation: /\nContent-Type: text/plain\n\nThank you.\n");
    }
}

function list(): void {
    const entries = newest();
    let json = "";
    for (let i = 0; i < entries.length; i++) {
        json += (i > 0 ? ",\n " : "") + entries[i].json();
    }
    print("Content-Type: application/json\n\n[" + json + "]\n");
}

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--accent:#0f766e}
*{box-sizing:border-box}
body{font:17px/1.55 system-ui,sans-serif;max-width:40rem;margin:8vh auto;padding:0 1.25rem}
h1{font-size:2rem;letter-spacing:-.02em;margin:0 0 1.5rem}
form{display:grid;gap:.75rem;padding:1.25rem;border:1px solid var(--line);border-radius:.75rem;margin-bottom:2rem}
input,textarea,button{font:inherit;padding:.6rem .75rem;border:1px solid var(--line);border-radius:.5rem}
button{justify-self:start;border:0;background:var(--accent);color:#fff;padding:.6rem 1.25rem;cursor:pointer}
article{padding:1rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
article p{margin:0 0 .35rem}
footer{font-size:.85rem;opacity:.75}
`;

function page(): void {
    const entries = newest();
    let articles = "";
    for (let i = 0; i < entries.length; i++) {
        articles += entries[i].html();
    }
    print("Content-Type: text/html; charset=utf-8\n\n"
        + "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<meta name=viewport content='width=device-width'>\n"
        + "<title>Guestbook</title>\n<style>" + STYLE + "</style>\n<h1>Guestbook</h1>\n"
        + "<form method=post action=/><input name=name maxlength=60 required placeholder='Your name' aria-label=Name>"
        + "<textarea name=message rows=3 maxlength=1000 required placeholder='A few kind words' aria-label=Message>"
        + "</textarea><button>Sign</button></form>\n"
        + (articles.length > 0 ? articles : "<p>Nobody has signed yet: be the first.</p>\n")
        + "</html>\n");
}

export function _start(): void {
    if (variable("REQUEST_METHOD") == "POST") {
        sign();
    } else if ((variable("SCRIPT_NAME") + variable("PATH_INFO")).endsWith("/entries")) {
        list();
    } else {
        page();
    }
}
