package io.selvage.rules;

/** A rule that looks at requests before their destination gets them. Thread-safe. */
interface Step {
    /** The rule's key in the manifest. */
    String key();

    /** What it makes of a request. */
    Outcome apply(Passage passage);
}
