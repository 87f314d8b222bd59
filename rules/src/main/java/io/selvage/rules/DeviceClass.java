package io.selvage.rules;

import io.selvage.node.Headers;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Tells the destination in {@code Selvage-Device} which kind of device asks, as far as it says. */
final class DeviceClass implements Step {
    static final String FIELD = "Selvage-Device";

    private static final Pattern BOT = Pattern.compile(
            "bot\\b|bot/|crawl|spider|slurp|mediapartners|facebookexternalhit|curl/|wget/|python-|headless");
    private static final Pattern TV =
            Pattern.compile("smart-?tv|appletv|googletv|hbbtv|netcast|roku|bravia|aft[a-z]+ ");
    private static final Pattern TABLET = Pattern.compile("ipad|tablet|kindle|silk/|playbook|android(?!.*mobile)");
    private static final Pattern MOBILE = Pattern.compile("mobi|iphone|ipod|android|opera mini|windows phone");

    @Override
    public String key() {
        return "device";
    }

    @Override
    public Outcome apply(Passage passage) {
        String device = of(passage.head().headers());
        passage.say(key(), "it is " + device);
        passage.set(FIELD, device);
        passage.values().put("device", device);
        return Outcome.PASS;
    }

    /** One of {@code bot}, {@code tv}, {@code tablet}, {@code mobile} and {@code desktop}. */
    static String of(Headers headers) {
        Optional<String> agent = headers.first("user-agent");
        String text = agent.orElse("").toLowerCase(Locale.ROOT);
        text = text.length() > 512 ? text.substring(0, 512) : text;
        if (text.isEmpty() || BOT.matcher(text).find()) {
            return "bot";
        }
        if (TV.matcher(text).find()) {
            return "tv";
        }
        if (TABLET.matcher(text).find()) {
            return "tablet";
        }
        boolean says = headers.first("sec-ch-ua-mobile").filter("?1"::equals).isPresent();
        return says || MOBILE.matcher(text).find() ? "mobile" : "desktop";
    }
}
