<?php
function page($title)
{
    $doc = <<<HTML
      <p>$title</p>
        <i># no comment</i>
      HTML;
    $raw = <<<'RAW'
    // nor this
    RAW;
    return $doc . $raw;
}
