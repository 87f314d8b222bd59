package io.selvage.gateway;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;

/** Gives what Micrometer measures of the process the names that Prometheus asks for ({@code promtool check metrics}). */
final class PrometheusNames implements MeterFilter {
    @Override
    public MeterFilterReply accept(Meter.Id id) {
        // In nanoseconds, while times are in seconds; process.cpu.usage is the same.
        return id.getName().equals("process.cpu.time") ? MeterFilterReply.DENY : MeterFilterReply.NEUTRAL;
    }

    @Override
    public Meter.Id map(Meter.Id id) {
        // A name that ends in "count" is a histogram's.
        return id.getName().equals("system.cpu.count") ? id.withName("system.cpus") : id;
    }
}
