package io.selvage.rules;

import com.maxmind.db.CHMCache;
import com.maxmind.db.Reader;
import io.selvage.node.ConfigurationException;
import io.selvage.node.Rule;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds out the country and the autonomous system of a client in databases of MaxMind's format, tells the destination in
 * {@code Selvage-Country} and {@code Selvage-Asn}, and lets only some countries through. Thread-safe: the databases are in
 * memory, and nothing waits.
 */
final class Location implements Step, AutoCloseable {
    static final String COUNTRY = "Selvage-Country";
    static final String ASN = "Selvage-Asn";

    private final List<String> allow;
    private final List<String> deny;
    private final Optional<Reader> countries;
    private final Optional<Reader> systems;

    Location(Rule.Geo rule) {
        allow = rule.allow();
        deny = rule.deny();
        countries = rule.database().map(Location::open);
        systems = rule.asn().map(Location::open);
    }

    private static Reader open(Path file) {
        try {
            return new Reader(file.toFile(), Reader.FileMode.MEMORY, new CHMCache());
        } catch (IOException e) {
            throw new ConfigurationException(file + " is no database of MaxMind's format (.mmdb): " + e.getMessage());
        }
    }

    @Override
    public String key() {
        return "geo";
    }

    @Override
    public Outcome apply(Passage passage) {
        InetAddress client = passage.head().remote().getAddress();
        String country =
                countries.flatMap(r -> find(r, client)).map(Location::country).orElse("");
        String asn = systems.flatMap(r -> find(r, client)).map(Location::asn).orElse("");
        passage.set(COUNTRY, country);
        passage.set(ASN, asn);
        passage.values().put("country", country);
        passage.values().put("asn", asn);
        boolean allowed = (allow.isEmpty() || allow.contains(country)) && !deny.contains(country);
        if (passage.isExplained()) {
            passage.say(
                    key(),
                    "the country of " + Template.client(passage.head()) + " is "
                            + (country.isEmpty() ? "not known" : country)
                            + (asn.isEmpty() ? "" : ", its system AS" + asn) + (allowed ? "" : ", which may not come"));
        }
        return allowed ? Outcome.PASS : Outcome.refuse(AddressFilter.refusal());
    }

    private static Optional<Map<?, ?>> find(Reader reader, InetAddress client) {
        try {
            Object record = client == null ? null : reader.get(client, Map.class);
            return record instanceof Map<?, ?> map ? Optional.of(map) : Optional.empty();
        } catch (IOException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static String country(Map<?, ?> record) {
        Object country = record.get("country") instanceof Map<?, ?> map ? map.get("iso_code") : null;
        Object code = country == null && record.get("registered_country") instanceof Map<?, ?> map
                ? map.get("iso_code")
                : country;
        return code instanceof String text && text.matches("[A-Z]{2}") ? text : "";
    }

    private static String asn(Map<?, ?> record) {
        Object number = record.get("autonomous_system_number");
        return number == null ? "" : number.toString();
    }

    @Override
    public void close() {
        countries.ifPresent(Location::close);
        systems.ifPresent(Location::close);
    }

    private static void close(Reader reader) {
        try {
            reader.close();
        } catch (IOException _) {
            // it holds nothing but memory
        }
    }
}
