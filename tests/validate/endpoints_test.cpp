// What a server's module may define in which way, and what it certainly does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Of a server that calls `predict` of the module `serving`, with this text or file.
std::vector<std::string> served(const std::string& text, const std::string& file = "serving.py") {
  testing::TemporaryFolder folder;
  folder.write("src/" + file, text);
  folder.write("liminal.yml",
               "name: shop\nimages:\n  - image: web\n    type: python_server\n    source: src\n"
               "    endpoints: [{endpoint: /p, module: serving, function: predict}]\n");
  return testing::findings_in(folder);
}

TEST(Endpoints, AreDefinedInManyWays) {
  for (const char* text :
       {"def predict(body):\n", "async def predict(body):\n", "class predict:\n",
        "\xef\xbb\xbf"
        "def predict(b):\n",
        "from handlers import *\n", "from handlers import\t *\n", "def\tpredict(b):\n",
        "sys.modules[__name__] = impl\n", "from handlers import (\n    other,\n    predict,\n)\n",
        "import handlers as predict\n", "predict = other\n", "a = predict = len\n", "predict: Handler = make()\n",
        "a, predict = both\n", "try:\n    def predict(b):\n        pass\nexcept E:\n    pass\n",
        "def f():\n    global predict\n    predict = 1\n", "def f():\n    global model, predict\n    predict = 1\n",
        "if x:\n    predict = 1\n", "def __getattr__(name):\n    return len\n"})
    EXPECT_THAT(served(text), IsEmpty()) << text;
  EXPECT_THAT(served("", "serving.cpython-312-x86_64-linux-gnu.so"), IsEmpty());
  // What Python wrote beside a source stays out of images.
  EXPECT_THAT(served("", "serving.pyc"), ElementsAre(HasSubstr("missing-endpoint")));
}

TEST(Endpoints, ThatAModuleCertainlyLacksAreTold) {
  for (const char* text : {"def predcit(body):\n", "import os\nif x:\n    predictor = 1\n", "import m\nm.predict(1)\n",
                           "class C:\n    def predict(self):\n        pass\n", "def f():\n\n    predict = 1\n",
                           "# def predict(body):\n", "x = 1  # predict = 2\n"})
    EXPECT_THAT(served(text), ElementsAre(HasSubstr("missing-endpoint liminal.yml:6:59"))) << text;
  EXPECT_THAT(served("def predcit(body):\n"), ElementsAre(HasSubstr("did you mean `predcit`?")));
  EXPECT_THAT(served("def other(body):\n"), ElementsAre(HasSubstr("the module defines `other`")));
}

}  // namespace
}  // namespace liminal
