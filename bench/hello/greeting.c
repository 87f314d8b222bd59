/*
 * What the Worker instantiates for each request: examples/hello in the form that costs workerd least. The text is found
 * through two exports instead of a WASI write, so that the Worker needs no shim.
 */
static const char text[] = "Hello from a WebAssembly function!\n";

__attribute__((export_name("greet"))) const char *greet(void) {
    return text;
}

__attribute__((export_name("length"))) int length(void) {
    return sizeof text - 1;
}
