-- The same requests as tests/bench/load.py: the lines of a file, each with a word that no other request has, asked by
-- one visitor after the other.
local targets, visitors, number = {}, {}, 0
local word = os.getenv("BENCH_RUN") .. "-"

function init()
  for line in io.lines(os.getenv("BENCH_TARGETS")) do targets[#targets + 1] = line end
  for line in io.lines(os.getenv("BENCH_VISITORS")) do
    local address, agent = line:match("^(.-)\t(.*)$")
    visitors[#visitors + 1] = {
      ["User-Agent"] = agent, ["X-Forwarded-For"] = address, ["Referer"] = os.getenv("BENCH_REFERRER")
    }
  end
end

function request()
  number = number + 1
  local target, visitor = targets[(number - 1) % #targets + 1], visitors[(number - 1) % #visitors + 1]
  return wrk.format("GET", target .. word .. number, visitor)
end

function done(summary, latency)
  local wrong = summary.errors
  io.write(string.format(
    '\nMEASURED {"answered": %d, "rate": %.1f, "p50": %.3f, "p99": %.3f, "p999": %.3f, "longest": %.3f, "errors": %d}\n',
    summary.requests, summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3, latency.max / 1e3,
    wrong.connect + wrong.read + wrong.write + wrong.timeout + wrong.status))
end
