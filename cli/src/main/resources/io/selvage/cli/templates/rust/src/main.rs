// A CGI program: the request is in the environment and on stdin, the answer goes to stdout.
use std::env;

fn main() {
    let path = env::var("PATH_INFO").unwrap_or_else(|_| "/".to_string());
    print!("Content-Type: text/plain\n\nHello from @NAME@, you asked for {path}\n");
}
