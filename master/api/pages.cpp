#include "master/api/pages.h"

#include <fmt/format.h>

#include "master/api/leadership.h"

namespace quorate::api {
namespace {

// Names come from flags and from ZooKeeper, so they are never markup.
std::string escaped(std::string_view text) {
  std::string result;
  for (char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: result.push_back(c);
    }
  }
  return result;
}

std::string row(std::string_view name, std::string_view html) {
  return fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", name, html);
}

std::string leader_html(const View& view) {
  if (view.leader == nullptr) return "none known";
  std::string authority = escaped(leader_authority(*view.leader));
  std::string link = fmt::format("<a href=\"//{}/\">{}</a>", authority, authority);
  return view.leading ? link + " (this master)" : link;
}

std::string members_html(const View& view) {
  std::string list;
  if (view.members == nullptr) return "not known yet";
  for (const std::string& member : *view.members)
    list += (list.empty() ? "" : "<br>") + escaped(member);
  return list.empty() ? "not known yet" : list;
}

}  // namespace

std::string start_page(const View& view) {
  std::string name = escaped(leader_authority(*view.self));
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<title>Quorate {0}</title>\n<style>body{{font-family:sans-serif;margin:2em}}"
      "th{{text-align:left;vertical-align:top;padding-right:2em}}</style></head>\n"
      "<body><h1>Quorate master {0}</h1>\n<table>\n",
      name);
  page += row("Leader", leader_html(view));
  page += row("ZooKeeper", escaped(view.session_state()));
  page += row("Log", escaped(view.log_state()));
  page += row("Members", members_html(view));
  page += row("Version", escaped(view.build->version));
  page += row("Id", escaped(view.self->id));
  page += "</table>\n<p>";
  for (std::string_view path :
       {"/state", "/state-summary", "/flags", "/metrics/snapshot", "/maintenance/schedule",
        "/maintenance/status", "/version", "/readyz", "/help"})
    page += fmt::format("<a href=\"{0}\">{0}</a> ", path);
  return page + "</p></body></html>\n";
}

std::string help_text() {
  return R"(Endpoints of this master. L: answered by the leader, others redirect to it with 307.
Those marked M are served under /master as well. ?jsonp=NAME wraps JSON into a call of NAME.

  M   GET       /health                 200, always
  M   GET       /livez                  200, always
  M   GET       /readyz                 200 or 503, and why
  M   GET       /redirect               307 to the leader
  M   GET       /flags                  the flags of this master
  M L GET       /state                  everything
  M L GET       /state-summary          agents and frameworks in short
  M L GET       /slaves                 agents
  M L GET       /frameworks             frameworks
  M L GET       /tasks                  tasks
  M L GET       /roles                  roles
  M L GET       /weights                weights of roles
  M L GET       /quota                  quota of roles
  M L GET POST  /maintenance/schedule   the maintenance schedule; POST replaces it
  M L GET       /maintenance/status     machines that drain or are down
  M L POST      /machine/down           takes draining machines down, as [{"hostname":..}]
  M L POST      /machine/up             brings machines that are down back up
      GET       /version                version and build
      GET       /metrics/snapshot       metrics; ?timeout=5secs bounds the wait
      GET       /logging/toggle         verbosity; ?level=1&duration=10mins changes it for a while
      GET       /system/stats.json      load, processors and memory of the host
      GET       /files/debug            files that can be read here

Not built yet (501): /api/v1, /api/v1/scheduler, changes of /weights and /quota, messages of
agents and frameworks.
)";
}

}  // namespace quorate::api
