package io.selvage.gateway;

import io.selvage.node.EventLog;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Brings what the libraries log, from warnings on, into the node's log. */
final class JulBridge extends Handler {
    private final EventLog log;

    private JulBridge(EventLog log) {
        this.log = log;
        setLevel(Level.WARNING);
    }

    /** Sends the whole process's {@code java.util.logging} to {@code log}. */
    static void install(EventLog log) {
        LogManager.getLogManager().reset();
        Logger root = Logger.getLogger("");
        root.setLevel(Level.WARNING);
        root.addHandler(new JulBridge(log));
    }

    @Override
    public void publish(LogRecord record) {
        if (isLoggable(record)) {
            Throwable thrown = record.getThrown();
            String message = String.valueOf(record.getMessage());
            log.log(
                    record.getLevel().intValue() >= Level.SEVERE.intValue()
                            ? EventLog.Level.ERROR
                            : EventLog.Level.WARN,
                    "library",
                    thrown == null ? message : message + ": " + thrown,
                    "logger",
                    String.valueOf(record.getLoggerName()));
        }
    }

    @Override
    public void flush() {
        // the log writes by itself
    }

    @Override
    public void close() {
        // the log is closed by who opened it
    }
}
