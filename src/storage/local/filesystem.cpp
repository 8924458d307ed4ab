// File systems by the number that fstatfs(2) tells, so that refusals can name them.
#include "storage/local/directory.hpp"

namespace vfslock::impl::local {
namespace {

constexpr FileSystem file_systems[] = {
    {0xEF53, "ext4", true},  // ext2 and ext3 have the same number
    {0x58465342, "xfs", true},
    {0x9123683E, "btrfs", true},
    {0x2FC12FC1, "zfs", true},
    {0x01021994, "tmpfs", true},
    {0x794C7630, "overlayfs", true},  // takes no upper layer but a local one
    {0x6969, "NFS", false},
    {0xFF534D42, "CIFS", false},
    {0xFE534D42, "SMB", false},
    {0x517B, "SMB", false},
    {0x01021997, "9p", false},
    {0x65735546, "FUSE or virtiofs", false},
    {0x00C36400, "Ceph", false},
    {0x01161970, "GFS2", false},
    {0x7461636F, "OCFS2", false},
    {0x0BD00BD0, "Lustre", false},
    {0x47504653, "GPFS", false},
    {0x19830326, "BeeGFS", false},
    {0x6B414653, "AFS", false},
    {0x5346414F, "AFS", false},
    {0x73757245, "Coda", false},
    {0x4D44, "FAT", false},
    {0x2011BAB0, "exFAT", false},
    {0x7366746E, "NTFS", false},
    {0xF2F52010, "F2FS", false},
    {0xCA451A4E, "bcachefs", false},
    {0xF15F, "eCryptfs", false},
    {0x858458F6, "ramfs", false},
    {0x73717368, "squashfs", false},
    {0xE0F5E1E2, "EROFS", false},
    {0x9660, "ISO 9660", false},
    {0x9FA0, "proc", false},
    {0x62656572, "sysfs", false},
    {0x1CD1, "devpts", false},
};

}  // namespace

const FileSystem *find_file_system(std::uint32_t magic) {
  for (const FileSystem &row : file_systems)
    if (row.magic == magic) return &row;
  return nullptr;
}

}  // namespace vfslock::impl::local
