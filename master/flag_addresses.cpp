#include "master/flag_table.h"

namespace quorate::flags {

Group address_flags() {
  using enum Type;
  using enum Status;
  return {
      "Addresses",
      {
          {"advertise_ip", Ip, Acted, "", "",
           "The address that others are told to use, when it is not the one that is listened at "
           "(behind a NAT, in a container). It is not bound."},
          {"advertise_port", Port, Acted, "", "",
           "The port that others are told to use, 1 to 65535. It is not bound."},
          {"hostname", Text, Acted, "", "",
           "The host name in redirects, in ZooKeeper and in /state. Without it: the name that the "
           "advertised address resolves to."},
          {"hostname_lookup", Bool, Acted, "true", "",
           "Look up the host name of the advertised address. With --no-hostname_lookup, and "
           "without --hostname, the address itself serves as the name."},
          {"ip", Ip, Acted, "", "",
           "The address to listen at. Without it, and without LIBPROCESS_IP: all of this host's. "
           "A loopback address cannot be told to masters on other hosts; such a start is refused "
           "with exit code 78."},
          {"ip_discovery_command", Text, Acted, "", "",
           "A shell command that prints the address to listen at. Not together with --ip. If it "
           "fails "
           "or prints something else, the start is refused with exit code 78."},
          {"port", Port, Acted, "5050", "", "The port to listen at; 0 takes a free one."},
      }};
}

Group coordination_flags() {
  using enum Type;
  using enum Status;
  return {
      "Election",
      {
          {"master_contender", Text, Accepted, "", "",
           "Name of a module that contends for leadership. This master loads no modules: the flag "
           "is known and refused, since a master without it would lead alone. Use --zk."},
          {"master_detector", Text, Accepted, "", "",
           "Name of a module that detects the leader. Refused as --master_contender."},
          {"zk", ZkUrl, Acted, "", "",
           "Where masters elect their leader and find each other: "
           "zk://[user:password@]host:port[,host:port...]/path, or file:///path of a file that "
           "holds such a URL. Without it this master stands alone and leads."},
          {"zk_session_timeout", Duration, Acted, "10secs", "",
           "The session timeout asked of ZooKeeper; what the server answers is what counts. A "
           "leader without contact leaves after nine tenths of it, with exit code 69."},
      }};
}

}  // namespace quorate::flags
