// The C++ library at work: containers, streams, regular expressions, threads,
// futures, files.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <future>
#include <iomanip>
#include <iostream>
#include <map>
#include <mutex>
#include <numeric>
#include <queue>
#include <random>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace {

// A queue that hands numbers from producers to consumers.
class Channel {
 public:
  void Send(int value) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      values_.push(value);
    }
    changed_.notify_one();
  }
  int Receive() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return !values_.empty(); });
    int value = values_.front();
    values_.pop();
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<int> values_;
};

void Threads() {
  Channel channel;
  std::atomic<long> sum{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&channel, i] {
      for (int j = 0; j < 500; ++j) {
        channel.Send(i * 500 + j);
      }
    });
    threads.emplace_back([&channel, &sum] {
      for (int j = 0; j < 500; ++j) {
        sum += channel.Receive();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::vector<std::future<int>> futures;
  for (int i = 0; i < 8; ++i) {
    futures.push_back(std::async(std::launch::async, [i] { return i * i; }));
  }
  int squares = 0;
  for (std::future<int>& future : futures) {
    squares += future.get();
  }
  std::cout << "channel " << sum << ", squares " << squares << "\n";
}

void Containers() {
  std::mt19937 random(12345);
  std::map<int, std::string> ordered;
  std::unordered_map<std::string, int> hashed;
  for (int i = 0; i < 20000; ++i) {
    int key = static_cast<int>(random() % 5000);
    ordered[key] += static_cast<char>('a' + i % 26);
    ++hashed[std::to_string(key)];
    if (i % 3 == 0) {
      ordered.erase(static_cast<int>(random() % 5000));
    }
  }
  std::size_t letters = 0;
  for (const auto& [key, text] : ordered) {
    letters += text.size() * static_cast<std::size_t>(key);
  }
  std::vector<std::uint32_t> numbers(50000);
  std::generate(numbers.begin(), numbers.end(), random);
  std::sort(numbers.begin(), numbers.end());
  std::cout << "containers " << ordered.size() << ' ' << letters << ' '
            << hashed.size() << ' ' << numbers[25000] << "\n";
}

void Text() {
  std::ostringstream out;
  out << std::hex << std::setw(8) << std::setfill('0') << 48879 << ' '
      << std::dec << std::fixed << std::setprecision(3) << 3.14159 << ' '
      << std::boolalpha << true;
  std::string log = "alpha=1; beta=22; gamma=333;";
  std::regex pair(R"((\w+)=(\d+))");
  int sum = 0;
  for (std::sregex_iterator it(log.begin(), log.end(), pair), end; it != end;
       ++it) {
    sum += std::stoi((*it)[2]) + static_cast<int>((*it)[1].length());
  }
  std::cout << "text [" << out.str() << "] " << sum << "\n";
}

void Files() {
  namespace fs = std::filesystem;
  fs::path root = fs::temp_directory_path() / "library_test";
  fs::remove_all(root);
  fs::create_directories(root / "a" / "b");
  for (int i = 0; i < 20; ++i) {
    std::ofstream file(root / "a" / ("f" + std::to_string(i)));
    file << std::string(static_cast<std::size_t>(i) * 100, 'x') << "\n";
  }
  fs::rename(root / "a" / "f3", root / "a" / "b" / "moved");
  std::uintmax_t bytes = 0;
  int files = 0;
  for (const fs::directory_entry& entry :
       fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file()) {
      ++files;
      bytes += entry.file_size();
    }
  }
  std::cout << "files " << files << ' ' << bytes << ' ' << fs::remove_all(root)
            << "\n";
}

}  // namespace

int main() {
  Threads();
  Containers();
  Text();
  Files();
}
