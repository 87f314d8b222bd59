-- Prints what io.selvage.bench.Wrk reads: requests, microseconds, median, 99th percentile and longest in microseconds, errors.
function done(summary, latency)
    local e = summary.errors
    print(string.format("RESULT %d %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50),
        latency:percentile(99), latency.max, e.connect + e.read + e.write + e.status + e.timeout))
end
