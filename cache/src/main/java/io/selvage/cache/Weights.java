package io.selvage.cache;

/** The weights with which clients say what they like better (RFC 9110 §12.4.2). */
final class Weights {
    private Weights() {}

    /** The {@code q} of a member such as {@code gzip;q=0.5}: 0 to 1, 1 if it says none, 0 if it is malformed. */
    static double of(String member) {
        String[] parameters = member.split(";");
        for (int i = 1; i < parameters.length; i++) {
            String parameter = parameters[i].strip();
            if (parameter.regionMatches(true, 0, "q=", 0, 2)) {
                String value = parameter.substring(2).strip();
                return value.matches("0(\\.\\d{0,3})?|1(\\.0{0,3})?") ? Double.parseDouble(value) : 0;
            }
        }
        return 1;
    }
}
