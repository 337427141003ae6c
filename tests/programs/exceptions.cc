// C++ exceptions: through deep frames with destructors, rethrown, nested,
// carried between threads, out of constructors, by the thousand.
#include <exception>
#include <iostream>
#include <memory>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

int live = 0;

struct Counted {
  Counted() { ++live; }
  Counted(const Counted&) { ++live; }
  ~Counted() { --live; }
};

int Descend(int depth, int bottom) {
  Counted here;
  if (depth == bottom) {
    throw std::out_of_range("depth " + std::to_string(depth));
  }
  return Descend(depth + 1, bottom) + 1;
}

void Deep() {
  std::size_t total = 0;
  for (int bottom = 1; bottom <= 500; ++bottom) {
    try {
      Descend(0, bottom);
    } catch (const std::logic_error& error) {
      total += std::string(error.what()).size();
    }
  }
  std::cout << "deep: " << total << " characters, " << live << " left\n";
}

void Nested() {
  std::ostringstream out;
  try {
    try {
      try {
        throw std::runtime_error("inner");
      } catch (...) {
        std::throw_with_nested(std::invalid_argument("outer"));
      }
    } catch (const std::exception& error) {
      out << error.what() << " <- ";
      std::rethrow_if_nested(error);
    }
  } catch (const std::exception& error) {
    out << error.what();
  }
  std::cout << "nested: " << out.str() << "\n";
}

struct Half {
  Counted first;
  std::unique_ptr<Counted> second = std::make_unique<Counted>();
  explicit Half(bool fail) {
    if (fail) {
      throw 42;
    }
  }
};

void Constructors() {
  int caught = 0;
  for (int i = 0; i < 100; ++i) {
    try {
      std::vector<Half> halves;
      halves.reserve(4);
      halves.emplace_back(false);
      halves.emplace_back(true);
    } catch (int value) {
      caught += value;
    }
  }
  std::cout << "constructors: " << caught << ", " << live << " left\n";
}

void AcrossThreads() {
  std::vector<std::exception_ptr> errors(8);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    threads.emplace_back([&errors, i] {
      try {
        Descend(0, 20 + static_cast<int>(i));
      } catch (...) {
        errors[i] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::cout << "threads:";
  for (const std::exception_ptr& error : errors) {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& caught) {
      std::cout << ' ' << caught.what();
    }
  }
  std::cout << "\n";
}

void OutOfMemory() {
  try {
    // More than any address space has.
    std::vector<char> all(static_cast<std::size_t>(1) << 62);
    std::cout << "memory: " << all.size() << "\n";
  } catch (const std::bad_alloc&) {
    std::cout << "memory: bad_alloc\n";
  }
}

}  // namespace

int main() {
  Deep();
  Nested();
  Constructors();
  AcrossThreads();
  OutOfMemory();
}
