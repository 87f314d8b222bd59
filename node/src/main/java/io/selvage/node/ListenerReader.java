package io.selvage.node;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Reads the listeners of a manifest. What is in the files that they name is read when they are opened. */
final class ListenerReader {
    private static final String LISTENER = "listener";
    private static final String TLS = "listener.tls";
    private static final List<String> LISTENER_KEYS = List.of("listen", "tls", "http3", "proxy_protocol");
    private static final List<String> TLS_KEYS = List.of(
            "certificate",
            "key",
            "certificates",
            "acme",
            "development",
            "minimum",
            "client_certificate",
            "client_authorities");
    private static final List<String> CERTIFICATE_KEYS = List.of("certificate", "key");

    private final TomlReader reader;
    private final Mistakes mistakes;

    ListenerReader(TomlReader reader, Mistakes mistakes) {
        this.reader = reader;
        this.mistakes = mistakes;
    }

    List<Manifest.PlacedListener> read(TomlTable top) {
        Map<String, Place> bindings = new LinkedHashMap<>();
        List<Manifest.PlacedListener> listeners = new ArrayList<>();
        for (TomlTable table : reader.tables(top, LISTENER)) {
            Place place = reader.start(table);
            int before = mistakes.count();
            reader.checkKeys(table, LISTENER, LISTENER_KEYS);
            Place at = reader.position(table, "listen").orElse(place);
            binding(table, place, at).ifPresent(binding -> {
                boolean free = binding instanceof ListenAddress address && address.port() == 0;
                Place other = free ? null : bindings.putIfAbsent(binding.toString(), at);
                if (other != null) {
                    mistakes.add(
                            at,
                            "listener.listen: \"" + binding + "\" is where the listener at " + other
                                    + " listens too; give each its own");
                }
                Manifest.PlacedListener listener = new Manifest.PlacedListener(listener(table, binding), at);
                mistakes.blame(listener, before);
                listeners.add(listener);
            });
        }
        return List.copyOf(listeners);
    }

    private Optional<Binding> binding(TomlTable table, Place place, Place at) {
        if (!table.contains(List.of("listen"))) {
            mistakes.add(place, "listener.listen is missing; say where: listen = \"0.0.0.0:8443\"");
        }
        try {
            return reader.string(table, "listen", LISTENER).map(Binding::parse);
        } catch (IllegalArgumentException e) {
            mistakes.add(at, "listener.listen: " + e.getMessage());
            return Optional.empty();
        }
    }

    private ListenerDefinition listener(TomlTable table, Binding binding) {
        Optional<TlsDefinition> tls = reader.table(table, "tls", TLS).map(this::tls);
        boolean http3 = reader.flag(table, LISTENER, "http3");
        if (http3 && (tls.isEmpty() || binding instanceof UnixSocket)) {
            mistakes.add(
                    reader.position(table, "http3").orElse(reader.place(null)),
                    "listener.http3: HTTP/3 needs TLS and a port; "
                            + (tls.isEmpty() ? "add tls = { certificate = \"...\", key = \"...\" }" : "leave it out"));
        }
        return new ListenerDefinition(binding, tls, http3, proxies(table));
    }

    private List<AddressRange> proxies(TomlTable table) {
        List<AddressRange> proxies = new ArrayList<>();
        Place at = reader.position(table, "proxy_protocol").orElse(reader.place(null));
        Object value = table.get(List.of("proxy_protocol"));
        if (value instanceof TomlArray array && TomlReader.holds(array, String.class)) {
            for (int i = 0; i < array.size(); i++) {
                try {
                    proxies.add(AddressRange.parse(array.getString(i)));
                } catch (IllegalArgumentException e) {
                    mistakes.add(reader.place(array.inputPositionOf(i)), "listener.proxy_protocol: " + e.getMessage());
                }
            }
        } else if (value != null) {
            mistakes.add(
                    at,
                    "listener.proxy_protocol must be a list of the proxies' addresses: "
                            + "proxy_protocol = [\"10.0.0.0/8\"]");
        }
        return List.copyOf(proxies);
    }

    private TlsDefinition tls(TomlTable table) {
        reader.checkKeys(table, TLS, TLS_KEYS);
        Place place = reader.start(table);
        List<TlsDefinition.CertificateFiles> certificates = new ArrayList<>();
        if (table.contains(List.of("certificate")) || table.contains(List.of("key"))) {
            certificate(table, TLS).ifPresent(certificates::add);
        }
        for (TomlTable further : reader.tables(table, "certificates")) {
            reader.checkKeys(further, TLS + ".certificates", CERTIFICATE_KEYS);
            certificate(further, TLS + ".certificates").ifPresent(certificates::add);
        }
        boolean development = reader.flag(table, TLS, "development");
        boolean named = table.contains(List.of("certificate"))
                || table.contains(List.of("key"))
                || table.contains(List.of("certificates"))
                || table.contains(List.of("acme"));
        if (development == named) {
            mistakes.add(
                    place,
                    "listener.tls: name a certificate and its key, or ask for a self-signed one, not "
                            + (named ? "both" : "neither")
                            + ": { certificate = \"site.pem\", key = \"site.key\" }, { acme = { names = [\"www.example.com\"], "
                            + "agree_to_terms = true } }, or { development = true }");
        }
        TlsDefinition.Version minimum =
                choice(table, "minimum", List.of("1.2", "1.3"), "1.2").equals("1.3")
                        ? TlsDefinition.Version.TLS_1_3
                        : TlsDefinition.Version.TLS_1_2;
        Optional<Path> authorities = file(table, "client_authorities", TLS);
        TlsDefinition.ClientCertificate clients = TlsDefinition.ClientCertificate.valueOf(choice(
                        table,
                        "client_certificate",
                        List.of("none", "optional", "required"),
                        authorities.isPresent() ? "required" : "none")
                .toUpperCase(Locale.ROOT));
        if ((clients == TlsDefinition.ClientCertificate.NONE) != authorities.isEmpty()
                && !table.contains(List.of("client_authorities"))) {
            mistakes.add(
                    place,
                    "listener.tls.client_certificate needs to know who vouches for clients; add client_authorities = "
                            + "\"ca.pem\"");
        }
        Optional<AcmeDefinition> acme = new TableReader(reader, mistakes, table, TLS).with("acme", AcmeReader::read);
        return new TlsDefinition(List.copyOf(certificates), acme, development, minimum, clients, authorities);
    }

    private Optional<TlsDefinition.CertificateFiles> certificate(TomlTable table, String parent) {
        Place place = reader.start(table);
        for (String key : CERTIFICATE_KEYS) {
            if (!table.contains(List.of(key))) {
                mistakes.add(
                        place,
                        parent + "." + key + " is missing; a certificate and its key belong together: "
                                + "certificate = \"site.pem\", key = \"site.key\"");
            }
        }
        Optional<Path> certificate = file(table, "certificate", parent);
        Optional<Path> key = file(table, "key", parent);
        return certificate.flatMap(c -> key.map(k -> new TlsDefinition.CertificateFiles(c, k)));
    }

    private Optional<Path> file(TomlTable table, String key, String parent) {
        Optional<Path> file = reader.string(table, key, parent).map(reader::resolve);
        file.filter(f -> !Files.isRegularFile(f))
                .ifPresent(f -> mistakes.add(
                        reader.position(table, key).orElse(reader.place(null)),
                        parent + "." + key + ": there is no file " + f + "; the path is relative to the manifest"));
        return file;
    }

    private String choice(TomlTable table, String key, List<String> valid, String otherwise) {
        String value = reader.string(table, key, TLS).orElse(otherwise);
        if (!valid.contains(value)) {
            mistakes.add(
                    reader.position(table, key).orElse(reader.place(null)),
                    TLS + "." + key + ": \"" + value + "\" is not one of \"" + String.join("\", \"", valid) + "\"");
            return otherwise;
        }
        return value;
    }
}
