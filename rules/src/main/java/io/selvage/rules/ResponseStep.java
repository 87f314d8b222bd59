package io.selvage.rules;

import io.selvage.node.Headers;

/** A rule that looks at responses, whoever has made them. Thread-safe. */
interface ResponseStep {
    /** The rule's key in the manifest. */
    String key();

    /** Changes the fields of a response. */
    void apply(Passage passage, int status, Headers fields);
}
