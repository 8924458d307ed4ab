#include <vfslock/vfslock.hpp>

int main() {
  vfslock::options wish;
  wish.owner_id = "c++17";
  return vfslock::acquire("mem://cpp/17", wish).is_held() ? 0 : 1;
}
