#include "sim/build_id.h"

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "master/base/bytes.h"

namespace quorate::sim {
namespace {

constexpr std::size_t kShownBytes = 8;

// Notes are (name size, description size, type), name and description, each padded to 4 bytes.
std::string id_in_notes(std::string_view notes) {
  auto padded = [](std::size_t size) { return (size + 3) & ~std::size_t{3}; };
  while (notes.size() > sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) head;
    std::memcpy(&head, notes.data(), sizeof head);
    std::size_t description = sizeof head + padded(head.n_namesz);
    if (description + head.n_descsz > notes.size()) return {};
    if (head.n_type == NT_GNU_BUILD_ID && notes.substr(sizeof head, 3) == "GNU")
      return hex(notes.substr(description, std::min<std::size_t>(head.n_descsz, kShownBytes)));
    notes.remove_prefix(std::min(notes.size(), description + padded(head.n_descsz)));
  }
  return {};
}

// The first object is the program itself.
int look(dl_phdr_info* object, std::size_t, void* out) {
  for (ElfW(Half) i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const char* at = reinterpret_cast<const char*>(object->dlpi_addr + segment.p_vaddr);
    std::string id = id_in_notes({at, segment.p_memsz});
    if (!id.empty()) *static_cast<std::string*>(out) = id;
  }
  return 1;
}

}  // namespace

std::string build_id() {
  std::string out;
  ::dl_iterate_phdr(look, &out);
  return out;
}

}  // namespace quorate::sim
