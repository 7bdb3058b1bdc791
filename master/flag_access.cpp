#include "master/flag_table.h"

namespace quorate::flags {

Group access_flags() {
  using enum Type;
  using enum Status;
  return {
      "Access",
      {
          {"acls", Json, Accepted, "", "", "Who may do what; turns authorization on."},
          {"authenticate_agents", Bool, Accepted, "false", "authenticate_slaves",
           "Refuse agents that do not authenticate."},
          {"authenticate_frameworks", Bool, Accepted, "false", "authenticate",
           "Refuse frameworks that do not authenticate."},
          {"authenticate_http_frameworks", Bool, Accepted, "false", "",
           "Refuse HTTP frameworks that do not authenticate. Needs "
           "--http_framework_authenticators."},
          {"authenticate_http_readonly", Bool, Accepted, "false", "",
           "Ask for HTTP Basic authentication on endpoints that only read. Needs --credentials."},
          {"authenticate_http_readwrite", Bool, Accepted, "false", "authenticate_http",
           "Ask for HTTP Basic authentication on endpoints that change something. Needs "
           "--credentials."},
          {"authentication_v0_timeout", Duration, Accepted, "15secs", "",
           "How long one authentication of an agent or framework may take."},
          {"authenticators", Text, Accepted, "crammd5", "",
           "The authenticator of agents and frameworks; exactly one."},
          {"authorizers", Text, Accepted, "local", "", "The authorizer; exactly one."},
          {"credentials", Path, Accepted, "", "",
           "A JSON file of principals and their secrets: "
           "{\"credentials\":[{\"principal\":\"...\",\"secret\":\"...\"}]}."},
          {"firewall_rules", Json, Accepted, "", "",
           "Endpoints that are answered 403: {\"disabled_endpoints\":{\"paths\":[\"/path\"]}}."},
          {"http_authenticators", Text, Accepted, "basic", "",
           "The HTTP authenticators of operators' endpoints. Only basic is built in."},
          {"http_framework_authenticators", Text, Accepted, "", "",
           "The HTTP authenticators of the scheduler endpoint."},
          {"rate_limits", Json, Accepted, "", "", "Limits on the messages of frameworks."},
      }};
}

// Quorate's own; Mesos has no such limits.
Group http_flags() {
  using enum Type;
  using enum Status;
  return {"HTTP limits (not in Mesos)",
          {
              {"http_body_timeout", Duration, Acted, "60secs", "",
               "How long the body of a request may take to arrive."},
              {"http_header_timeout", Duration, Acted, "15secs", "",
               "How long the header of a request may take to arrive."},
              {"http_idle_timeout", Duration, Acted, "75secs", "",
               "How long a connection may be idle between two requests."},
              {"http_max_body_size", Bytes, Acted, "16MB", "",
               "The largest body of a request, also after decompression; larger ones are answered "
               "413."},
              {"http_max_header_size", Bytes, Acted, "64KB", "",
               "The largest header of a request; larger ones are answered 431."},
              {"max_connections", Size, Acted, "10000", "",
               "How many connections are open at once; more are closed as they come."},
              {"max_connections_per_address", Size, Acted, "5000", "",
               "How many of them may come from one address."},
          }};
}

}  // namespace quorate::flags
