#pragma once
// A real HTTP server on loopback that gives prepared answers, one for each request, each on a connection of its own.
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vfslock::impl::test {

class CannedServer {
 public:
  explicit CannedServer(std::vector<std::string> bodies) : bodies_(std::move(bodies)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr *>(&address), size) != 0 || listen(listener_, 8) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr *>(&address), &size) != 0)
      throw std::runtime_error("cannot listen on loopback");
    endpoint_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~CannedServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  CannedServer(const CannedServer &) = delete;
  CannedServer &operator=(const CannedServer &) = delete;

  const std::string &endpoint() const { return endpoint_; }
  int served() const { return served_; }

 private:
  void serve() {
    for (const std::string &body : bodies_) {
      const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) return;
      std::string request;
      char buffer[4096];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = read(client, buffer, sizeof buffer);
        if (got <= 0) break;
        request.append(buffer, static_cast<std::size_t>(got));
      }
      ++served_;
      const std::string answer = "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: close\r\nContent-Length: " +
                                 std::to_string(body.size()) + "\r\n\r\n" + body;
      (void)!send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
      close(client);
    }
  }

  const std::vector<std::string> bodies_;
  int listener_ = -1;
  std::string endpoint_;
  std::atomic<int> served_{0};
  std::thread thread_;
};

}  // namespace vfslock::impl::test
