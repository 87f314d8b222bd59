package io.selvage.wasm;

import jdk.jfr.FlightRecorder;

/**
 * Tells whether anything has asked the JVM for its flight recorder. Until then the engine's events are not so much as
 * loaded: the first of them would take the JVM a fifth of a second, more than the rest of loading a module.
 */
final class EventRecording {
    private EventRecording() {}

    /** Whether events may be wanted. */
    static boolean isOn() {
        return FlightRecorder.isInitialized();
    }
}
