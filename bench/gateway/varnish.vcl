vcl 4.1;
# Varnish as the peer of the gateway benchmarks. @…@ is filled in.
backend site { .host = "127.0.0.1"; .port = "@ORIGIN@"; }
sub vcl_recv { if (req.url !~ "^/cached/") { return (pass); } }
